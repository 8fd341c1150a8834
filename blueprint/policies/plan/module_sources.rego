# METADATA
# title: Modules come from where somebody reads them
# description: >
#   A module is a folder of the repository, or one version of a module of the registry whose authors are on the list. What
#   comes from elsewhere, or without a version, is other code tomorrow.
# custom:
#   severity: high
#   owner: platform
#   controls: []
#   remediation: >
#     Copy the module into the repository, or name an allowed source with an exact version.
package gaia.plan.module_sources

import data.gaia.lib.value

# Prefixes of sources of the registry, and of git addresses.
allowed := {"terraform-aws-modules/", "registry.terraform.io/terraform-aws-modules/", "cloudposse/", "registry.terraform.io/cloudposse/"}

deny contains {"address": address, "message": message} if {
	some [address, call] in calls
	source := object.get(call, "source", "")
	not local(source)
	not listed(source)
	message := sprintf("its source is %s", [source])
}

deny contains {"address": address, "message": message} if {
	some [address, call] in calls
	source := object.get(call, "source", "")
	listed(source)
	not exact(object.get(call, "version_constraint", ""))
	message := sprintf("no version of %s is named", [source])
}

deny contains {"address": address, "message": "modules lie deeper than anybody reads"} if {
	some [address, call] in seventh
	count(object.get(call, ["module", "module_calls"], {})) > 0
}

undecided contains {"message": "the plan does not say where its modules come from"} if {
	not input.configuration
	some resource in value.items(object.get(input, "resource_changes", []))
	object.get(resource, "module_address", "") != ""
}

local(source) if regex.match(`^(\./|\.\./|/)`, source)

listed(source) if {
	some prefix in allowed
	startswith(source, prefix)
}

exact(constraint) if regex.match(`^(=\s*)?v?[0-9]+\.[0-9]+\.[0-9]+$`, constraint)

calls := array.concat(first, array.concat(second, array.concat(third, array.concat(fourth, array.concat(fifth, array.concat(sixth, seventh))))))

# Rego has no recursion, and to walk a whole configuration is dear.
first := within([["", object.get(input, "configuration", {})]], "root_module")

second := within(first, "module")

third := within(second, "module")

fourth := within(third, "module")

fifth := within(fourth, "module")

sixth := within(fifth, "module")

seventh := within(sixth, "module")

within(parents, key) := [[trim_prefix(sprintf("%s.module.%s", [above, name]), "."), call] |
	some [above, parent] in parents
	some name, call in object.get(parent, [key, "module_calls"], {})
]
