"""A LitServe server with two workers, whose predictions take as long as they are asked to: --port PORT."""
import sys
import time

import litserve


class Sleep(litserve.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        return float(request["secs"])

    def predict(self, secs):
        time.sleep(secs)
        return secs

    def encode_response(self, output):
        return {"secs": output}


if __name__ == "__main__":
    server = litserve.LitServer(Sleep(), accelerator="cpu", workers_per_device=2)
    server.run(host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False)
