"""A Ray Serve application of two replicas: `/?secs=SECS` answers with its process after so many seconds."""
import asyncio
import os

from ray import serve


@serve.deployment(num_replicas=2, ray_actor_options={"num_cpus": 0.1})
class Echo:
    async def __call__(self, request):
        await asyncio.sleep(float(request.query_params.get("secs", 0)))
        return str(os.getpid())


app = Echo.bind()
