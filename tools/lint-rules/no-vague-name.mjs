const FILES = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'shared',
  'services',
  'service',
  'lib',
  'misc',
  'types',
]);
const VERB = /^(?:process|handle|manage|do)(?=[A-Z]|$)/;

/** Files and functions say what they are: no drawers for odds and ends, no verbs that mean anything. */
export default {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      file: '"{{name}}" says nothing: name the noun this file holds.',
      verb: '"{{name}}" says nothing: use a verb of the loop, parse, load, to or render.',
    },
  },
  create(context) {
    const report = (node, name, messageId) => context.report({ node, messageId, data: { name } });
    return {
      Program(node) {
        for (const part of context.filename.split(/[\\/]/).slice(-3))
          if (FILES.has(part.replace(/\.[cm]?[jt]s$/, ''))) report(node, part, 'file');
      },
      FunctionDeclaration(node) {
        if (node.id && VERB.test(node.id.name)) report(node.id, node.id.name, 'verb');
      },
    };
  },
};
