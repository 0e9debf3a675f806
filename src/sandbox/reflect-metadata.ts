/**
 * The four functions of the Reflect metadata API that tsyringe, under @peculiar/x509, asks for when
 * it is loaded. Import this module before that one.
 */
type Target = object;
interface MetadataReflect {
  defineMetadata?(key: unknown, value: unknown, target: Target): void;
  getOwnMetadata?(key: unknown, target: Target): unknown;
  getMetadata?(key: unknown, target: Target): unknown;
  hasOwnMetadata?(key: unknown, target: Target): boolean;
}

const metadata = new WeakMap<Target, Map<unknown, unknown>>();
const reflect = Reflect as MetadataReflect;

reflect.defineMetadata ??= (key, value, target) => {
  const own = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, own.set(key, value));
};
reflect.getOwnMetadata ??= (key, target) => metadata.get(target)?.get(key);
reflect.hasOwnMetadata ??= (key, target) => metadata.get(target)?.has(key) ?? false;
reflect.getMetadata ??= (key, target) => {
  for (
    let at: Target | null = target;
    at !== null;
    at = Object.getPrototypeOf(at) as Target | null
  ) {
    const own = metadata.get(at);
    if (own?.has(key)) return own.get(key);
  }
  return undefined;
};
