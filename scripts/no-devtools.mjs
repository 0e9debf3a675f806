// Ink imports the React devtools client only in development; the bundle leaves it out.
export default { initialize() {}, connectToDevTools() {} };
