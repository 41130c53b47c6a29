/** A preload that has the recorder on from the start. */
import { recorder } from '@loopwatch/profiler';

recorder.start({ escalate: false });
