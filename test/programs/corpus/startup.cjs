/** Blocks while the main module, CommonJS, runs. */
const started = performance.now();
const cpu = process.cpuUsage();
while (performance.now() - started < 600); // culprit
const { user, system } = process.cpuUsage(cpu);
console.log(`measured ${performance.now() - started} cpu ${(user + system) / 1000}`);
