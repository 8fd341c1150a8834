# A production cluster with deliveries, metrics and secrets.
module "addons" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "apps"

  tags = {
    cost-center = "cc-0001"
    owner       = "team-platform"
    tenant      = "acme"
    stage       = "prod"
    service     = "apps"
  }

  cluster_name   = "acme-use1-prod-apps"
  volume_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"

  addons = {
    argocd           = { enabled = true, ingress = { host = "argocd.example.com" } }
    prometheus       = { enabled = true, retention = "30d", storage = "200Gi" }
    grafana          = { enabled = true, ingress = { host = "grafana.example.com" } }
    gatekeeper       = { enabled = true }
    flagger          = { enabled = true }
    external_secrets = { enabled = true, secret_arns = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-prod-shop-database-??????"] }
  }
}
