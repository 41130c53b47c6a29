// Has exit handlers of its own, which say and change the exit code.
process.on('exit', (code) => {
  console.log(`exit ${code}`);
  process.exitCode = 9;
});
process.on('beforeExit', (code) => console.log(`before exit ${code}`));
