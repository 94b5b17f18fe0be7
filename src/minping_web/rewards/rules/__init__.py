"""Pure rules of rewards: families of uses, what hinders a signature, money, layout of payroll files."""
