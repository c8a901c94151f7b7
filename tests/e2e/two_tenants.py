"""The site of two_tenants_test.py: acme and globex, with the same shape and different flows."""
import unittest

from harness import Console, Site, Tenant, bulkhead

VOLUMES = ", volumes: [{name: data, size: 64MiB}]"
ACME = Tenant("acme", 40, worker=2, flows=["{from: worker, to: control, tcp: [6443]}"], volumes=VOLUMES, recovery=True)
GLOBEX = Tenant("globex", 41, worker=2, flows=["{from: worker, to: worker, tcp: [7100]}"], volumes=VOLUMES)
TENANTS = (ACME, GLOBEX)
ATTACKER = (ACME, "worker/0")


class TwoTenantsSite(unittest.TestCase):
    """One site for all tests, and a shell in each guest."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.site = Site(*TENANTS)
        cls.addClassCleanup(cls.site.close)
        bulkhead("destroy", "acme", "globex", "--yes", wanted=None)
        cls.before = cls.site.on_host()
        cls.consoles = {}

    @classmethod
    def tearDownClass(cls):
        for console in cls.consoles.values():
            console.close()

    def console(self, tenant, guest):
        """The probe shell of a guest, opened once."""
        domain = tenant.domain(guest)
        if domain not in self.consoles:
            self.consoles[domain] = Console(domain)
            self.consoles[domain].run("true", 120)
        return self.consoles[domain]

    def consoles_of_all(self):
        return {(tenant, guest): self.console(tenant, guest) for tenant in TENANTS for guest in tenant.guests()}
