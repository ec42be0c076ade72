/** `text in TABLE` is true for `toString` and `constructor` too: what a document or a person wrote is looked up by its own keys. */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: { inherited: 'Use Object.hasOwn: `in` finds inherited keys such as constructor.' },
  },
  create: (context) => ({
    "BinaryExpression[operator='in']"(node) {
      if (node.left.type !== 'Literal' && node.left.type !== 'PrivateIdentifier')
        context.report({ node, messageId: 'inherited' });
    },
  }),
};
