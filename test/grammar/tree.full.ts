import { testChangedTexts } from './changed-texts.js';

testChangedTexts({ programs: 200, changesOfSpec: 300, changedPrograms: 600 });
