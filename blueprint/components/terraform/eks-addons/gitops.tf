# What Argo CD installs, as a renderer of its applications wants to know it: settings, not values of charts, which change
# with each version of a chart.
locals {
  highly_available = var.stage == "prod"

  ingress = { for name, one in { argocd = var.addons.argocd, backstage = var.addons.backstage, grafana = var.addons.grafana } : name => one.ingress }

  settings = {
    argocd = {
      namespace = "argocd"
      replicas  = local.argocd_ha ? 3 : 1
      ha        = local.argocd_ha
      ingress   = local.ingress.argocd
      rbac      = var.addons.argocd.rbac
    }
    backstage = {
      namespace = "backstage"
      replicas  = local.highly_available ? 2 : 1
      ingress   = local.ingress.backstage
      image     = var.addons.backstage.image
      database  = var.addons.backstage.database
    }
    prometheus = {
      namespace = "monitoring"
      replicas  = local.highly_available ? 2 : 1
      retention = var.addons.prometheus.retention
      storage   = var.addons.prometheus.storage
    }
    grafana = {
      namespace    = "monitoring"
      replicas     = local.highly_available ? 2 : 1
      ingress      = local.ingress.grafana
      admin_secret = var.addons.grafana.admin_secret
    }
    loki = {
      namespace      = "monitoring"
      replicas       = local.highly_available ? 3 : 1
      bucket         = var.addons.loki.bucket
      key_arn        = var.addons.loki.key_arn
      retention_days = var.addons.loki.retention_days
    }
    jaeger = {
      namespace      = "monitoring"
      replicas       = local.highly_available ? 2 : 1
      storage        = var.addons.jaeger.storage
      endpoint       = var.addons.jaeger.endpoint
      retention_days = var.addons.jaeger.retention_days
    }
    gatekeeper = {
      namespace   = "gatekeeper-system"
      replicas    = local.highly_available ? 3 : 1
      enforcement = var.addons.gatekeeper.enforcement
    }
    flagger = {
      namespace = "flagger-system"
      replicas  = local.highly_available ? 2 : 1
      mesh      = var.addons.flagger.mesh
    }
    external_secrets = {
      namespace = "external-secrets"
      replicas  = local.highly_available ? 2 : 1
    }
  }

  enabled = {
    argocd           = var.addons.argocd.enabled
    backstage        = var.addons.backstage.enabled
    prometheus       = var.addons.prometheus.enabled
    grafana          = var.addons.grafana.enabled
    loki             = var.addons.loki.enabled
    jaeger           = var.addons.jaeger.enabled
    gatekeeper       = var.addons.gatekeeper.enabled
    flagger          = var.addons.flagger.enabled
    external_secrets = var.addons.external_secrets.enabled
  }

  argocd_ha = coalesce(var.addons.argocd.ha, local.highly_available)
}
