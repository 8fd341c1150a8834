# METADATA
# title: Finding resources in a plan
package gaia.lib.plan

# Changes that leave a resource behind whose attributes this plan sets.
written := [resource |
	some resource in input.resource_changes
	resource.mode == "managed"
	some action in resource.change.actions
	action in {"create", "update"}
]

# Written resources of one type, none if there are none. A rule about a few types must not look at two thousand resources,
# and asking an object for what it lacks would evaluate the object again each time.
of(kind) := object.get(by_type, kind, [])

by_type := {kind: resources |
	some kind in {resource.type | some resource in written}
	resources := [resource | some resource in written; resource.type == kind]
}

# Every resource that will exist, changed or not.
present := [resource |
	some resource in input.resource_changes
	resource.mode == "managed"
	is_object(resource.change.after)
]

# Names that an attribute's expression refers to, for instance {"aws_s3_bucket.this.id", "aws_s3_bucket.this"}.
references(resource, attribute) := {name |
	some written_resource in object.get(input.configuration, configuration_path(resource), [])
	written_resource.address == sprintf("%s.%s", [resource.type, resource.name])
	some name in object.get(written_resource, ["expressions", attribute, "references"], [])
}

configuration_path(resource) := array.concat(
	["root_module"],
	array.concat([step | some name in modules(resource); some step in ["module_calls", name, "module"]], ["resources"]),
)

# Names of the nested modules of a resource, without indices.
modules(resource) := split(trim_prefix(bare_module(resource), "module."), ".module.") if {
	bare_module(resource) != ""
}

modules(resource) := [] if bare_module(resource) == ""

bare_module(resource) := regex.replace(object.get(resource, "module_address", ""), `\[("[^"]*"|[0-9]+)\]`, "")
