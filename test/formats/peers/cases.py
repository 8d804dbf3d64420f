"""Collects cases: files as a peer wrote them, and what the peer says that they store."""
import base64, json, os, shutil, tempfile
import numpy as np


class Cases:
    def __init__(self, kind):
        self.kind = kind
        self.folder = tempfile.mkdtemp()
        self.cases = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def add(self, name, stored, axes, fixture=False, beside=(), tree=None, type=None, **expected):
        """`stored` in the order of `axes`; further keys are compared with the header's."""
        array = np.ascontiguousarray(stored)
        kind = type or ('bool' if array.dtype == bool else array.dtype.name)
        data = array.astype(np.float32) if array.dtype == np.float16 else array
        data = data.astype(data.dtype.newbyteorder('<'))
        if axes == 'unnamed':
            axes = ['unnamed'] * array.ndim
        assert len(axes) == array.ndim, (name, axes, array.shape)
        self.cases.append({
            'name': name,
            'fixture': fixture,
            'files': {f: base64.b64encode(open(self.path(f), 'rb').read()).decode() for f in (tree or (name.split('#')[0], *beside))},
            'axes': [[n, int(s)] for n, s in zip(axes, array.shape)],
            'type': kind,
            'data': base64.b64encode(data.tobytes()).decode(),
            **expected,
        })

    def refused(self, name, code, fixture=False, **args):
        self.cases.append({
            'name': name, 'fixture': fixture,
            'files': {name: base64.b64encode(open(self.path(name), 'rb').read()).decode()},
            'refused': code, 'args': args,
        })

    def write(self, out, fixtures):
        chosen = [c for c in self.cases if c['fixture'] or not fixtures]
        for c in chosen:
            c.pop('fixture', None)
        with open(os.path.join(out, self.kind + '.json'), 'w') as f:
            f.write('[\n' + ',\n'.join(json.dumps(c, sort_keys=True) for c in chosen) + '\n]\n')
        shutil.rmtree(self.folder)
        print(self.kind, len(chosen))
