// Stands in for a Python that has mlflow, so that the tests need neither. It answers what the sandbox
// asks of an interpreter, and serves what MLflow's scoring server serves: its answers tell what it was
// given. `STUB` says how it behaves: refuse-input, fail, not-a-number, no-module, silent, no-mlflow.
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';

const [first, , , model, scratch] = process.argv.slice(2);
const behaviour = process.env.STUB ?? '';

if (first === '-c') {
  const mlflow = process.env.PYENV_STUB === 'no-mlflow' ? null : '2.22.5';
  console.log('from sitecustomize');
  console.log(JSON.stringify({ executable: process.env.PYENV_SELF, version: '3.11.7', mlflow }));
} else {
  process.stdin.on('end', () => {
    rmSync(scratch, { recursive: true, force: true });
    process.exit(0);
  });
  process.stdin.resume();
  console.error(`started as ${process.pid} with ${model}`);
  if (behaviour === 'no-module') {
    console.error('Traceback (most recent call last):');
    console.error("ModuleNotFoundError: No module named 'xgboost'");
    process.exitCode = 1;
    process.stdin.destroy();
  } else if (behaviour !== 'silent') serve();
}

function serve() {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const { status, text } = request.url === '/ping' ? { status: 200, text: '' } : answer(body);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(text);
    });
  });
  server.listen(0, '127.0.0.1', () => {
    console.log('from sitecustomize');
    console.log(JSON.stringify({ port: server.address().port }));
  });
}

function answer(body) {
  switch (behaviour) {
    case 'refuse-input':
      return {
        status: 400,
        text: JSON.stringify({
          error_code: 'BAD_REQUEST',
          message: "Failed to predict data '63, 1'. \nError: Failed to enforce schema of data",
        }),
      };
    case 'fail':
      return {
        status: 400,
        text: JSON.stringify({
          error_code: 'BAD_REQUEST',
          message: 'Encountered an unexpected error while evaluating the model.',
          stack_trace: 'Traceback (most recent call last):\nValueError: no such feature\n',
        }),
      };
    case 'not-a-number':
      return { status: 200, text: '{"predictions": [0.5, NaN]}' };
    default:
      return {
        status: 200,
        text: JSON.stringify({
          predictions: [{ body: JSON.parse(body), pid: process.pid, env: process.env, model }],
        }),
      };
  }
}
