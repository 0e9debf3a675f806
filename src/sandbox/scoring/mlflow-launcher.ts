/**
 * The program, in Python, that serves one instance with MLflow's own scoring server. Arguments: the
 * model's folder, and the folder to remove when the sandbox is gone.
 *
 * - The server listens on a free port of loopback, told as a line of JSON on standard output. What
 *   the model prints goes to standard error, as in a container both go to one log.
 * - Standard input is a pipe from the sandbox. Its end means that the sandbox is gone, by a kill too:
 *   then this process and its children end, and the model's copy is removed.
 * - MLflow builds its server with Flask (to 2.20) or FastAPI (from 2.21), of which it asks for no
 *   exact version. Where the one that is installed does not suit it, MLflow's scoring function is
 *   served by Python's own HTTP server: Azure does not use MLflow's web layer either.
 */
export const MLFLOW_LAUNCHER = String.raw`
import json, os, pathlib, shutil, signal, socket, sys, threading

model_folder, scratch = sys.argv[1], sys.argv[2]
told = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def end_with_the_sandbox():
    while os.read(0, 4096):
        pass
    shutil.rmtree(scratch, ignore_errors=True)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


threading.Thread(target=end_with_the_sandbox, daemon=True).start()


def listen():
    # asyncio turns off Nagle's algorithm, 40 ms an answer, only where the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


def announce(port):
    told.write(json.dumps({"port": port}) + "\n")
    told.flush()


def serve_app(app):
    if hasattr(app, "wsgi_app"):
        import logging

        from werkzeug.serving import make_server

        # The sandbox logs the requests itself.
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        announce(server.server_port)
        server.serve_forever()
    else:
        import uvicorn

        config = uvicorn.Config(app, log_level="warning", access_log=False)
        listener = listen()
        announce(listener.getsockname()[1])
        uvicorn.Server(config).run(sockets=[listener])


def serve_function(model, scoring_server):
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    from mlflow.exceptions import MlflowException

    schema = model.metadata.get_input_schema()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: two would wait for each other's acknowledgement.
        wbufsize = -1

        def log_message(self, *_):
            pass

        def answer(self, status, text):
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer(200, "\n")

        def do_POST(self):
            data = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                result = scoring_server.invocations(data, "application/json", model, schema)
                self.answer(result.status, result.response)
            except MlflowException as error:
                self.answer(error.get_http_status_code(), error.serialize_as_json())
            except Exception as error:
                self.answer(500, json.dumps({"error_code": "INTERNAL_ERROR", "message": repr(error)}))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    announce(server.server_port)
    server.serve_forever()


from mlflow.pyfunc import load_model, scoring_server

model = load_model(pathlib.Path(model_folder).as_uri())
try:
    app = scoring_server.init(model)
    if not hasattr(app, "wsgi_app"):
        import uvicorn
except (ImportError, AttributeError) as error:
    print(f"MLflow's server does not start with the web framework installed here ({error}).", file=sys.stderr)
    print("Its scoring function is served by Python's own HTTP server.", file=sys.stderr)
    serve_function(model, scoring_server)
else:
    serve_app(app)
`;
