// Prints the folder that holds include/node of exactly the Node.js that runs this; exits 1 where there is none. Archives, images and
// version managers bring the headers beside the program, Debian and NodeSource in /usr.
const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');

const wanted = process.versions.node.split('.').map(Number);

function hasFittingHeaders(folder) {
  let text;
  try {
    text = readFileSync(resolve(folder, 'include/node/node_version.h'), 'utf8');
  } catch {
    return false;
  }
  return ['MAJOR', 'MINOR', 'PATCH'].every(
    (part, i) => Number(new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1]) === wanted[i],
  );
}

const found = [resolve(process.execPath, '../..'), '/usr'].find(hasFittingHeaders);
if (found === undefined) process.exit(1);
console.log(found);
