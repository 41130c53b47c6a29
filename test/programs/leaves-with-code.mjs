// Sets the exit code and ends by itself.
process.exitCode = 4;
console.log('leaving');
