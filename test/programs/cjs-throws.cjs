// Throws from a CommonJS main module.
console.log(require.main === module);
throw new TypeError('thrown while loading');
