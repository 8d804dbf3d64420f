// Prints the trend of the stored results, or of the file that is named: npm run bench:trend
import { readFileSync } from 'node:fs';
import { resultsFile } from './results.js';
import { trendText } from './trend-text.js';

console.log(trendText(readFileSync(process.argv[2] ?? resultsFile, 'utf8')));
