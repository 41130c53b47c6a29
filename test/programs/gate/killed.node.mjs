import { test } from 'node:test';
import killed from './killed.cjs';

killed.define(test);
