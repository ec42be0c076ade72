/** Everything is exported by its name, so that it is called the same wherever it is used. */
export default {
  meta: { type: 'suggestion', schema: [], messages: { named: 'Export it by name.' } },
  create: (context) => ({
    ExportDefaultDeclaration(node) {
      context.report({ node, messageId: 'named' });
    },
  }),
};
