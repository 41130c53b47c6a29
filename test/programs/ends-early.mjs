// Waits for what never comes, so that Node ends it with exit code 13.
await new Promise(() => {});
