/** The value of a JavaScript expression from the command line: JSON has no undefined, NaN or regular expressions. */
export function evaluate(expression) {
  return new Function(`return (${expression})`)();
}
