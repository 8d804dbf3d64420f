import { test } from 'vitest';
import { checkGradients } from './random-gradients.js';

test('the gradients of 60 random networks from seed 1 are the slopes of their losses', () =>
  checkGradients(60));
