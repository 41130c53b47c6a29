// Compiled code that throws: with --enable-source-maps its stack names original.ts.
function fail() {
  throw new Error('mapped');
}
fail();
//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbIm9yaWdpbmFsLnRzIl0sIm5hbWVzIjpbXSwibWFwcGluZ3MiOiI7QUFTQTtBQUNBO0FBQ0E7QUFDQSJ9
