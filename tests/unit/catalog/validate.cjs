// Reads entities as a JSON list, and prints what Backstage's own policies and validators say against each.
const model = require('@backstage/catalog-model');
// not the whole package: it brings a hundred others that the validator does not need, and .ci/backstage leaves out
const common = require('path').join(process.env.NODE_PATH, '@backstage/plugin-scaffolder-common');
const scaffolder = require(`${common}/dist/TemplateEntityV1beta3.cjs.js`);

const kinds = {
  Component: model.componentEntityV1alpha1Validator,
  Domain: model.domainEntityV1alpha1Validator,
  Group: model.groupEntityV1alpha1Validator,
  Resource: model.resourceEntityV1alpha1Validator,
  System: model.systemEntityV1alpha1Validator,
  Template: scaffolder.templateEntityV1beta3Validator,
  User: model.userEntityV1alpha1Validator,
};
const policies = model.EntityPolicies.allOf([
  new model.SchemaValidEntityPolicy(),
  new model.DefaultNamespaceEntityPolicy(),
  new model.NoForeignRootFieldsEntityPolicy(),
  new model.FieldFormatEntityPolicy(),
]);

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const wrong = [];
  for (const entity of JSON.parse(Buffer.concat(chunks).toString('utf8'))) {
    try {
      await policies.enforce(entity);
      if (!(await kinds[entity.kind].check(entity))) throw new Error(`no ${entity.kind} of this apiVersion`);
      model.parseEntityRef(model.stringifyEntityRef(entity));
    } catch (error) {
      wrong.push(`${entity.kind} ${entity.metadata && entity.metadata.name}: ${error.message}`);
    }
  }
  process.stdout.write(JSON.stringify(wrong));
}

main();
