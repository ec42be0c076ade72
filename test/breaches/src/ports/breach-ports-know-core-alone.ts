import { checkUnit } from '../engine/check.ts';

export const portsKnowCoreAlone = checkUnit;
