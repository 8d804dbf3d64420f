import { testFormatted } from './formatted-texts.js';

testFormatted(400, 40);
