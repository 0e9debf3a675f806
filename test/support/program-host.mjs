// A process that carries out one command line after another with the built program, so that a test
// of what a command does need not load the program again. It tells its parent what is written and
// how each command ends; whatever ends the process ends the command too.
const [, , main] = process.argv;
const { exit } = process;
// Each command listens for a reader that has gone.
for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0);

const telling = (name) => (text, encoding, done) => {
  process.send({ [name]: String(text) });
  (typeof encoding === 'function' ? encoding : done)?.();
  return true;
};
process.stdout.write = telling('stdout');
process.stderr.write = telling('stderr');
process.exit = (code = process.exitCode ?? 0) => {
  process.send({ ended: Number(code), last: true }, () => exit(code));
  // Nothing after it is carried out; this line is reached by no program.
  throw new Error('The process ends.');
};

let commands = 0;
process.on('message', ({ args, home, cwd }) => {
  process.argv.splice(1, Infinity, main, ...args);
  if (home === undefined) delete process.env.AML_ROLLOUT_HOME;
  else process.env.AML_ROLLOUT_HOME = home;
  process.chdir(cwd);
  process.exitCode = 0;
  // The first file reads the command line; what it imports is loaded once.
  void import(`${main}?${(commands += 1)}`)
    .catch((error) => process.stderr.write(`${error.stack}\n`))
    .then(() => process.send({ ended: process.exitCode }));
});
process.on('disconnect', () => exit());
