package gaia.kubernetes.no_plain_secrets_test

import data.gaia.kubernetes.no_plain_secrets

says(deny, undecided) if {
	count(no_plain_secrets.deny) == deny
	count(no_plain_secrets.undecided) == undecided
}

unknown := {"$unknown": true}

deployment(container) := {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}

test_a_reference_is_allowed if {
	says(0, 0) with input as deployment({"env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]})
	says(0, 0) with input as {"kind": "ExternalSecret", "spec": {"data": [{"secretKey": "password"}]}}
}

test_ordinary_values_are_allowed if {
	says(0, 0) with input as deployment({"env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "TOKEN_FILE", "value": "/var/run/token"}]})
	says(0, 0) with input as {"kind": "ConfigMap", "data": {"region": "us-east-1"}}
}

test_a_secret_is_denied if {
	says(1, 0) with input as {"kind": "Secret", "data": {"password": "aHVudGVyMg=="}}
	says(1, 0) with input as {"kind": "Secret", "stringData": {"password": "hunter2"}}
}

test_a_secret_elsewhere_is_denied if {
	says(1, 0) with input as deployment({"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]})
	says(1, 0) with input as deployment({"env": [{"name": "URL", "value": "postgres://ann:hunter2@db/shop"}]})
	says(1, 0) with input as {"kind": "ConfigMap", "data": {"api_key": "abcdef"}}
	says(1, 0) with input as {"kind": "ConfigMap", "data": {"x": "-----BEGIN RSA PRIVATE KEY-----"}}
}

test_an_unknown_value_is_undecided if {
	says(0, 1) with input as deployment({"env": [{"name": "DB_PASSWORD", "value": unknown}]})
	says(0, 1) with input as {"kind": "ConfigMap", "data": unknown}
}

test_containers_that_are_not_known_are_undecided if says(0, 1) with input as {"kind": "Pod", "spec": {"containers": unknown}}

test_a_name_in_one_word_or_camel_case_is_denied if {
	every name in ["PGPASSWORD", "dbPassword", "MYSQL_PWD", "dbToken", "awsSecret"] {
		says(1, 0) with input as deployment({"env": [{"name": name, "value": "hunter2"}]})
	}
}

test_a_password_of_digits_is_denied if {
	says(1, 0) with input as deployment({"env": [{"name": "DB_PASSWORD", "value": "123456"}]})
	says(0, 0) with input as deployment({"env": [{"name": "TOKEN_TTL", "value": "3600"}, {"name": "PASSWORD_LENGTH", "value": "12"}, {"name": "DB_PASSWORD", "value": "$(PASSWORD)"}]})
}
