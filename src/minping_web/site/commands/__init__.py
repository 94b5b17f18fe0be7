"""Commands that run the product: `minping serve`, `worker`, `init`, `seed`, `backup`, `restore`, ...

The engine's `minping` finds them by entry points. A module here loads only what words and options need;
Django comes when a command runs (`opened`), so that `minping --help` stays quick.
"""
