# METADATA
# title: Providers come from those who are trusted
# description: >
#   A provider is a program that runs with the rights of whoever applies. It comes from an author of the list.
# custom:
#   severity: critical
#   owner: platform
#   controls: []
#   remediation: >
#     Use a provider of the list in policies/plan/provider_sources.rego, or put the new one there once it was looked at.
package gaia.plan.provider_sources

import data.gaia.lib.value

allowed := `^(registry\.(terraform\.io|opentofu\.org)/(hashicorp|opentofu|integrations|cloudflare|datadog)/|terraform\.io/builtin/)`

deny contains {"message": message} if {
	some name in names
	not regex.match(allowed, name)
	message := sprintf("the provider %s is nobody's of the list", [name])
}

undecided contains {"message": "the plan does not say which providers it uses"} if {
	count(names) == 0
	some resource in value.items(object.get(input, "resource_changes", []))
	object.get(resource, "provider_name", null) == null
	input.configuration.provider_config
}

names := {name |
	some _, config in object.get(input, ["configuration", "provider_config"], {})
	name := object.get(config, "full_name", null)
	is_string(name)
} | {name |
	some name in {object.get(resource, "provider_name", null) | some resource in value.items(object.get(input, "resource_changes", []))}
	is_string(name)
}
