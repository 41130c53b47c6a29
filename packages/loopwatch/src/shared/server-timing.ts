/** A word of `Server-Timing` that is written on one side and read on the other. */

/** A parameter of the metric `loop`: the loop is late, and the watchdog has not said yet whose fault that is. */
export const PENDING = 'desc=unconfirmed';
