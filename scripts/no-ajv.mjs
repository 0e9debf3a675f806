// Of conf, which imports ajv for a schema that this program does not give it: zod checks what is read.
export class Ajv2020 {}
export default () => {};
