"""Writes OUT/KIND.json for each kind; with --fixtures only the small choice that the repository keeps."""
import importlib, os, sys
sys.path.insert(0, os.path.dirname(__file__))
from cases import Cases

out, kinds, fixtures = sys.argv[1], [a for a in sys.argv[2:] if not a.startswith('--')], '--fixtures' in sys.argv
os.makedirs(out, exist_ok=True)
for kind in kinds or ['tiff', 'raster', 'nifti', 'mgh', 'nrrd_files', 'meta', 'numpy_files', 'chunked']:
    cases = Cases(kind)
    importlib.import_module(kind).make(cases)
    cases.write(out, fixtures)
