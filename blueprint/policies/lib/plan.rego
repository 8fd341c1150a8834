# METADATA
# title: Finding resources in a plan
# description: >
#   A rule about a few types must not look at two thousand resources, so what is written and what will exist is sorted by
#   type once, for all rules.
package gaia.lib.plan

import data.gaia.lib.value

# Changes that leave a resource behind whose attributes this plan sets.
written := [resource |
	some resource in input.resource_changes
	resource.mode == "managed"
	some action in resource.change.actions
	action in {"create", "update"}
]

# Written resources of one type, none if there are none.
of(kind) := object.get(by_type, kind, {})

by_type[resource.type][number] := resource if some number, resource in written

# Every resource of one type that will exist, changed or not.
present(kind) := object.get(present_by_type, kind, {})

present_by_type[resource.type][number] := resource if {
	some number, resource in input.resource_changes
	resource.mode == "managed"
	is_object(resource.change.after)
}

# What is there today and will not be, or will be another one.
lost := [resource |
	some resource in input.resource_changes
	resource.mode == "managed"
	"delete" in resource.change.actions
]

# Whether anything is done at all.
changes if {
	some resource in input.resource_changes
	not resource.change.actions in [["no-op"], ["read"]]
}

# Whether the code says anything about an attribute. Where it does not, an unknown value is what AWS will choose. A plan
# without its configuration does not tell, so there it may.
said(resource, attribute) if {
	some expressions in configured(resource)
	object.get(expressions, attribute, null) != null
}

said(_, _) if not input.configuration.root_module

# Whether the code makes blocks whose number is known only after apply. A plan's configuration says nothing of `dynamic`
# blocks; but what AWS does not fill in is unknown by the code only, and what AWS filled in stays when a resource is updated.
open(resource, block) if {
	value.hidden(resource.change, [block])
	not filled_in(resource, block)
}

filled_in(resource, block) if {
	block in object.get(filled_in_by_aws, resource.type, set())
	resource.change.actions != ["update"]
	not said(resource, block)
}

# Blocks that the provider fills in where the code has none.
filled_in_by_aws := {
	"aws_config_configuration_recorder": {"recording_group"},
	"aws_default_security_group": {"ingress"},
	"aws_ec2_managed_prefix_list": {"entry"},
	"aws_iam_role": {"inline_policy"},
	"aws_network_acl": {"ingress"},
	"aws_opensearch_domain": {"cluster_config"},
	"aws_s3_bucket": {"grant", "website"},
	"aws_s3_bucket_acl": {"access_control_policy"},
	"aws_security_group": {"ingress"},
}

# Names that an attribute's expression refers to, for instance {"aws_s3_bucket.this.id", "aws_s3_bucket.this"}; in a
# block of that name too.
references(resource, attribute) := {name |
	some expressions in configured(resource)
	walk(object.get(expressions, attribute, {}), [path, name])
	is_string(name)
	path[count(path) - 2] == "references"
}

# The expressions of a resource's block of code.
configured(resource) := object.get(
	blocks,
	[object.get(bare_modules, object.get(resource, "module_address", ""), null), sprintf("%s.%s", [resource.type, resource.name])],
	{},
)

# The code is sorted once too, by module and address: a block may make a thousand resources.
blocks[module][block.address][number] := object.get(block, "expressions", {}) if {
	some module in {bare | some _, bare in bare_modules}
	some number, block in object.get(input, configuration_path(module), [])
}

configuration_path(module) := array.concat(
	["configuration", "root_module"],
	array.concat([step | some name in modules(module); some step in ["module_calls", name, "module"]], ["resources"]),
)

# Names of nested modules.
modules(module) := split(trim_prefix(module, "module."), ".module.") if module != ""

modules("") := []

# Modules of resources, each with itself without indices.
bare_modules := {address: regex.replace(address, `\[("[^"]*"|[0-9]+)\]`, "") |
	some address in {object.get(resource, "module_address", "") | some resource in input.resource_changes}
}
