/** Whether an expression is a value that looks like an answer: `[]`, `{}`, a text, a number, `null`, a boolean. */
function looksLikeAnswer(body) {
  if (body.type === 'Literal') return true;
  if (body.type === 'ArrayExpression') return body.elements.length === 0;
  return body.type === 'ObjectExpression' && body.properties.length === 0;
}

/**
 * What failed is told or handled, never taken for an empty answer: no empty catch, and no `.catch(() => [])`. `undefined` may
 * stand for what could not be read, since whoever uses it has to look.
 */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      empty: 'A failure is swallowed here: tell it, or turn it into what is unknown.',
      value: 'A failure becomes a value here that looks like an answer: return what is unknown instead.',
    },
  },
  create: (context) => ({
    CatchClause(node) {
      if (node.body.body.length === 0) context.report({ node, messageId: 'empty' });
    },
    "CallExpression[callee.property.name='catch'] > ArrowFunctionExpression"(node) {
      if (node.params.length === 0 && looksLikeAnswer(node.body)) context.report({ node, messageId: 'value' });
    },
  }),
};
