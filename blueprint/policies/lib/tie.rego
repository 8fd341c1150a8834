# METADATA
# title: Which resource another one belongs to
# description: >
#   A new resource's id is unknown, so what ties another to it is the configuration: in the same module, with the same
#   index. Where both names are known, they tie too.
package gaia.lib.tie

import data.gaia.lib.plan
import data.gaia.lib.value

# Names and places that the resources of one type say they belong to by an attribute, and those that do not say it before
# apply. Ask once a rule, then `holds` for each resource. What is known needs no look at the code.
to(kind, attribute, parent) := ties if {
	names := {name |
		some resource in plan.present(kind)
		name := object.get(resource.change.after, attribute, null)
		is_string(name)
	}
	unsaid := [resource |
		some resource in plan.present(kind)
		not is_string(object.get(resource.change.after, attribute, null))
	]

	# A block of code may make a thousand resources: what it refers to is looked up once.
	blocks := {[object.get(resource, "module_address", ""), resource.name] | some resource in unsaid}
	referred := {block: tied({"module_address": block[0], "type": kind, "name": block[1]}, attribute, parent) | some block in blocks}
	others := [[resource, found] |
		some resource in unsaid
		module := object.get(resource, "module_address", "")
		found := {place |
			some name in referred[[module, resource.name]]
			some place in [place_of(resource, name), [module, null, name]]
		}
	]
	ties := {
		"names": names,
		"places": {place | some [_, found] in others; some place in found},
		"open": {resource.address |
			some [resource, found] in others
			count(found) == 0
			value.read(resource.change, [attribute]).state == "unknown"
		},
	}
}

# Whether a resource is among them: by its place, or by what one of its attributes says.
holds(ties, resource, _) if place_of(resource, resource.name) in ties.places

holds(ties, resource, attributes) if {
	some attribute in attributes
	object.get(resource.change.after, attribute, null) in ties.names
}

# Where what an attribute refers to may stand.
places(resource, attribute, parent) := {place |
	some name in tied(resource, attribute, parent)
	some place in [place_of(resource, name), [object.get(resource, "module_address", ""), null, name]]
}

# Whether a resource belongs, by an attribute, to one of those that the ties are about.
share(ties, resource, attribute, parent) if count(places(resource, attribute, parent) & ties.places) > 0

share(ties, resource, attribute, _) if object.get(resource.change.after, attribute, null) in ties.names

place_of(resource, name) := [object.get(resource, "module_address", ""), object.get(resource, "index", null), name]

# Names of resources of a type that an attribute's expression refers to.
tied(resource, attribute, parent) := {split(split(name, ".")[1], "[")[0] |
	some name in plan.references(resource, attribute)
	startswith(name, sprintf("%s.", [parent]))
}
