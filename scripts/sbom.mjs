// What the package is made of, in CycloneDX, into sbom.cdx.json. Run by `npm pack` and `npm publish`.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const { name, version, dependencies } = JSON.parse(
  readFileSync(new URL('package.json', root), 'utf8'),
);
const made = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx'], {
  cwd: root,
  encoding: 'utf8',
  // On Windows npm is a script of the shell.
  shell: process.platform === 'win32',
  maxBuffer: 64 * 1024 * 1024,
});
const bom = JSON.parse(made);
const graph = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
const self = bom.metadata.component;

// With --omit=dev npm leaves out what development needs too, so that the graph is followed here.
const direct = graph
  .get(self['bom-ref'])
  .filter((ref) => ref.slice(0, ref.lastIndexOf('@')) in dependencies);
const reached = new Set(direct);
for (const ref of reached) for (const next of graph.get(ref) ?? []) reached.add(next);

// npm names the package after its folder.
const ref = `${name}@${version}`;
const component = { ...self, name, 'bom-ref': ref, purl: `pkg:npm/${ref}` };
const whole = {
  ...bom,
  metadata: { ...bom.metadata, component },
  components: bom.components.filter((each) => reached.has(each['bom-ref'])),
  dependencies: [
    { ref, dependsOn: direct },
    ...bom.dependencies.filter((each) => reached.has(each.ref)),
  ],
};
writeFileSync(new URL('sbom.cdx.json', root), `${JSON.stringify(whole, null, 2)}\n`);
