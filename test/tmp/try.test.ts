import { test } from 'vitest';
import { readFileSync } from 'node:fs';
import { compile } from '/work/main/src/compile.js';
test('x', () => {
  for (const f of ['specs/unet2d.unet','specs/unet3d.unet']) {
    const t0 = performance.now();
    let r = compile(f, readFileSync('/work/main/'+f,'utf8'));
    const t1 = performance.now();
    for (let i=0;i<50;i++) compile(f, readFileSync('/work/main/'+f,'utf8'));
    const t2 = performance.now();
    console.log(f, r.diagnostics.map(d=>[d.code,d.message,d.help,d.span.file.positionAt(d.span.start)]), r.networks.map(n=>[n.name,n.facts.parameters,n.facts.macs,n.facts.memory,n.axes, n.graph.nodes.length]), t1-t0, (t2-t1)/50);
  }
});
