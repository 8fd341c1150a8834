# METADATA
# title: Manifests hold no secrets
# description: >
#   What is in the GitOps repository is read by everybody who reads it, for ever. Secrets come from the secret store.
# custom:
#   severity: critical
#   owner: security
#   controls: [CIS EKS 4.4.1, CIS EKS 4.4.2]
#   not_at_admission: [Secret]
#   remediation: >
#     Write an ExternalSecret that names the secret of the store, and read its Secret with valueFrom.
package gaia.kubernetes.no_plain_secrets

import data.gaia.lib.workload

named := `(?i)(^|[_.-])(password|passwd|passphrase|secret|token|api_?key|access_?key|private_?key|credentials?)([_.-]|$)`

# Names in one word or in camel case, PGPASSWORD and dbToken, and those whose value is one even where it is a number.
telling := `(?i)(password|passwd|passphrase|_pwd)$`

camel := `[a-z](Secret|Token|ApiKey|AccessKey|PrivateKey|Credentials?)$`

shaped := `-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[abprs]-[A-Za-z0-9-]{10,}|://[^/:@ ]+:[^/@ ]{3,}@`

# The value that a waiver names is the place, for one that is made of a short secret could be guessed.
deny contains {"address": address, "message": "the secret stands in the manifest", "value": address} if {
	input.kind == "Secret"
	some field in ["data", "stringData"]
	values := object.get(input, field, {})
	is_object(values)
	some key, found in values
	not found in {"", null}
	not workload.unknown(found)
	address := sprintf("%s.%s", [field, key])
}

deny contains {"address": address, "message": "it looks like a secret", "value": address} if {
	some [address, name, found] in texts
	secret(name, found)
}

undecided contains {"address": address, "message": "what stands there is not known yet"} if {
	some [address, name, found] in values_of
	workload.unknown(found)
	some pattern in [named, telling, camel]
	regex.match(pattern, name)
}

undecided contains {"address": "data", "message": "what stands there is not known yet"} if {
	input.kind in {"ConfigMap", "Secret"}
	some field in ["data", "stringData"]
	workload.unknown(object.get(input, field, null))
}

undecided contains {"address": address, "message": "which containers there are is not known yet"} if {
	some address in data.gaia.lib.workload.hidden
}

secret(name, found) if {
	some pattern in [named, camel]
	regex.match(pattern, name)
	found != ""
	not refers(found)
	not regex.match(`^(true|false|[0-9]+|https?://[^:@]*)$`, found)
}

secret(name, found) if {
	regex.match(telling, name)
	found != ""
	not refers(found)
}

secret(_, found) if regex.match(shaped, found)

# It says where the secret is: a file, or another variable.
refers(found) if regex.match(`^(/|\$\([A-Za-z_][A-Za-z0-9_]*\)$|\$\{[A-Za-z_][A-Za-z0-9_]*\}$)`, found)

texts := [[address, name, found] | some [address, name, found] in values_of; is_string(found)]

# What environments and config maps say in clear: where, the name, the value.
values_of := array.concat(
	[[sprintf("%s.env.%s", [address, name]), name, object.get(entry, "value", "")] |
		some address, container in data.gaia.lib.workload.containers
		env := object.get(container, "env", [])
		is_array(env)
		some entry in env
		name := object.get(entry, "name", "")
		is_string(name)
	],
	[[sprintf("data.%s", [key]), key, found] |
		input.kind == "ConfigMap"
		values := object.get(input, "data", {})
		is_object(values)
		some key, found in values
	],
)
