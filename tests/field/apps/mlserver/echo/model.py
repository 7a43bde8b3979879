"""A model that answers with its process, after so many seconds as it is asked."""
import asyncio
import os

from mlserver import MLModel
from mlserver.types import InferenceResponse, ResponseOutput


class Echo(MLModel):
    async def load(self):
        return True

    async def predict(self, payload):
        await asyncio.sleep(float(payload.inputs[0].data[0]))
        output = ResponseOutput(name="pid", shape=[1], datatype="INT64", data=[os.getpid()])
        return InferenceResponse(model_name=self.name, outputs=[output])
