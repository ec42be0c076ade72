import '../compare/compare.test.ts';
