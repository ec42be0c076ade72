export const writer = 'writes';
