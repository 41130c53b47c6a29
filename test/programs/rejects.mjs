// Leaves a rejection unhandled.
Promise.reject(new Error('nobody handles this'));
