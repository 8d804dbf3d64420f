import { testFormatted } from './formatted-texts.js';

testFormatted(1_500, 150);
