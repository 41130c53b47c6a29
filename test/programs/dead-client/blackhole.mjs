/**
 * A client behind a link that swallows everything: `unshare -rn node blackhole.mjs SERVER CLIENT`, with
 * the settings of server.mjs and client.mjs as JSON. The server is in this namespace and the client in
 * another one; once both talk, the client's address gets a link-layer address that nobody has. Prints
 * what the server prints, and `swallowed` between.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const [, , serverSettings, clientSettings] = process.argv;
const [here, there] = ['10.99.0.1', '10.99.0.2'];
const ip = (...args) => execFileSync('ip', args);
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const children = [];

function start(file, args) {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  child.stdout.setEncoding('utf8');
  return child;
}
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

async function says(child, pattern) {
  let text = '';
  for await (const part of child.stdout.iterator({ destroyOnReturn: false })) {
    text += part;
    const found = pattern.exec(text);
    if (found) return found;
  }
  throw new Error(`ended without ${pattern}: ${text}`);
}

ip('link', 'set', 'lo', 'up');
// Joined by the client, once it has a namespace.
const inside = `
  echo inside; read -r go; ip addr add ${there}/24 dev there; ip link set there up; ip link set lo up; exec "$@"
`;
const [host, does] = [here, { ...JSON.parse(clientSettings), host: here }];
const server = start(process.execPath, [
  path('server.mjs'),
  JSON.stringify({ ...JSON.parse(serverSettings), host: '0.0.0.0' }),
]);
const [, port] = await says(server, /^port (\d+)$/m);
const command = [
  '-n',
  'sh',
  '-c',
  inside,
  'sh',
  process.execPath,
  path('client.mjs'),
  JSON.stringify({ ...does, host, port }),
];
const client = start('unshare', command);
// Before that, its namespace is still ours.
await says(client, /^inside$/m);

ip('link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there');
ip('link', 'set', 'there', 'netns', String(client.pid));
ip('addr', 'add', `${here}/24`, 'dev', 'here');
ip('link', 'set', 'here', 'up');
client.stdin.write('go\n');
await says(client, /^connected$/m);

ip('neigh', 'replace', there, 'lladdr', '02:00:00:00:00:99', 'dev', 'here', 'nud', 'permanent');
console.log('swallowed');
server.stdout.on('data', (text) => process.stdout.write(text));
process.stdin.resume().on('end', () => process.exit());
await once(server, 'exit');
