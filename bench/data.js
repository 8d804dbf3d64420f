// `unet data check` and the way to the first step of a training, against loops of Pillow and nibabel over the same files.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './measurement.js';

/** Made by scripts/peers.sh. */
const python = join(process.env.UNET_PEERS ?? join(homedir(), '.cache/unet-lang/peers'), 'bin/python');
const RUNS = 3;

function peer(...args) {
  return Number(execFileSync(python, ['bench/data_peers.py', ...args], { encoding: 'utf8' }));
}

/** Seconds that `unet` takes as a whole process; the peak of its memory, in MB. */
function unet(...args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(
    '/usr/bin/time',
    ['-f', '%M', process.execPath, 'bin/unet.js', ...args],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  );
  if (status !== 0) throw new Error(stderr);
  return {
    seconds: (performance.now() - start) / 1000,
    megabytes: Number(stderr.trim().split('\n').at(-1)) / 1024,
  };
}

/**
 * Seconds from the start of a training until its first step is done: then a terminal, which `script` gives it, shows the
 * progress of the epoch.
 */
function firstStep(folder, spec, output) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const command = `exec ${process.execPath} bin/unet.js train ${spec} --data ${folder} -o ${output} --epochs 1`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      shown += text;
      if (!shown.includes('epoch 1/1')) return;
      resolve((performance.now() - start) / 1000);
      // The end of the terminal ends the training.
      child.stdout.removeAllListeners('data');
      child.kill('SIGKILL');
    });
    child.on('error', reject);
  });
}

function row(what, figures, ratio, bar) {
  return { measure: 'data', what, figures, unit: 's', ratio, bar: `${bar}x`, holds: ratio <= bar };
}

/** Both in turns, so that both see the same machine. */
function pair(what, folder, read, bar) {
  const [ours, theirs] = [[], []];
  unet('data', 'check', folder);
  for (let i = 0; i < RUNS; i += 1) {
    theirs.push(peer(read, folder));
    ours.push(unet('data', 'check', folder).seconds);
  }
  const [own, other] = [median(ours), median(theirs)];
  return row(
    what,
    { 'unet data check': own, [read.includes('volumes') ? 'nibabel' : 'Pillow']: other },
    own / other,
    bar,
  );
}

export async function measure() {
  if (!existsSync(python)) {
    console.error(`bench data needs the peers: run scripts/peers.sh (there is no ${python})`);
    return [];
  }
  const work = mkdtempSync(join(tmpdir(), 'unet-bench-data-'));
  try {
    const [pictures, many, volumes] = ['pictures', 'many', 'volumes'].map((name) => join(work, name));
    peer('make_pictures', pictures, '1500', '128');
    peer('make_volumes', volumes, '100', '128');
    const rows = [
      pair(
        'data check of 1,500 pairs of PNG, 128 x 128, against one loop of Pillow',
        pictures,
        'read_pictures',
        1,
      ),
      pair(
        'data check of 100 pairs of NIfTI, 128 x 128 x 128, against one loop of nibabel',
        volumes,
        'read_volumes',
        1,
      ),
    ];
    const spec = join(work, 'net.unet');
    writeFileSync(
      spec,
      'unet Net { input = 1 x 64 x 64  classes = 2  depth = 2  channels = 4  padding = same }\ntraining Quick { epochs = 1  batch = 8 }\n',
    );
    const [steps, loops] = [[], []];
    for (let i = 0; i < RUNS; i += 1) {
      loops.push(unet('data', 'check', pictures).seconds);
      steps.push(await firstStep(pictures, spec, join(work, `run-${i}`)));
    }
    const [step, loop] = [median(steps), median(loops)];
    rows.push(
      row(
        'start of a training to its first step, against data check',
        { train: step, 'data check': loop },
        step / loop,
        1.5,
      ),
    );
    peer('make_pictures', many, '20000', '32');
    const [few, all] = [unet('data', 'check', pictures).megabytes, unet('data', 'check', many).megabytes];
    rows.push({
      ...row(
        'peak memory of data check, 20,000 pairs of 32 x 32 against 1,500 of 128 x 128',
        {},
        all / few,
        1.5,
      ),
      figures: { '20,000 pairs': all, '1,500 pairs': few },
      unit: 'MB',
    });
    return rows;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
