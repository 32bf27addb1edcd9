"""Plants bugs into the mathematics, one at a time, and asks whether a test fails: `make mutants`.

The bugs are those of cosmic-ray's operators (signs, operators, comparisons, constants, loops,
conditions, decorators), and the ones this book warns of: a lost transpose, a lost step, arguments
the wrong way round, a sum that became a mean. Every mutant that survives its module's tests must be
listed in `equivalent_mutants.toml` with the reason why no number changes; otherwise this fails.

    python -m tests.mutants                 all modules
    python -m tests.mutants slope data      some of them
"""

import ast
import contextlib
import copy
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LISTED = Path(__file__).with_name("equivalent_mutants.toml")
SECONDS = 90  # of the processor: a mutant that hangs is killed too, but none by a busy machine

# These take seconds each, and find nothing that the others miss.
QUICK = "not ten_thousand_steps and not it_learns and not memory_of"
IMPORTED_EARLY = "ignore::pytest.PytestAssertRewriteWarning"

MODULES = {
    "activation_functions": ["activation_functions"],
    "chain_rule": ["chain_rule"],
    "data": ["data"],
    "efficient_backprop": ["efficient_backprop"],
    "gradient_descent": ["gradient_descent"],
    "loss_functions": ["loss_functions"],
    "slope": ["slope"],
    "taylor_expansion": ["taylor_expansion"],
    "_argument_checks": [
        "check",
        "loss_functions",
        "gradient_descent",
        "efficient_backprop",
        "slope",
    ],
    "_checked": ["check", "activation_functions"],
    "_preparations": ["check", "loss_functions", "taylor_expansion", "efficient_backprop"],
}

# Left out: swaps that nearly always end in an error or far off, and would only flatter the score
# (bit operators, `is`, floor division, remainders, powers), and operators that need settings.
DULL = ("Shift", "Bit", "Invert", "_Is", "UAdd", "Variable", "_FloorDiv", "_Mod", "_Pow")


def by_cosmic_ray(code: str) -> Iterator[str]:
    """The code with one of cosmic-ray's mutations."""
    import cosmic_ray.plugins
    from cosmic_ray.mutating import mutate_code

    for name in cosmic_ray.plugins.operator_names():
        if any(word in name for word in DULL):
            continue
        operator = cosmic_ray.plugins.get_operator(name)()
        occurrence = 0
        while (mutated := mutate_code(code.encode(), operator, occurrence)) is not None:
            yield mutated if isinstance(mutated, str) else mutated.decode()
            occurrence += 1


class Planter(ast.NodeTransformer):
    """Plants the nth of this book's own bugs."""

    def __init__(self, n: int) -> None:
        self.left = n

    def here(self) -> bool:
        self.left -= 1
        return self.left == -1

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node, ast.Attribute) and node.attr == "T" and self.here():
            return node.value
        if isinstance(node, ast.Attribute) and node.attr in ("sum", "max") and self.here():
            node.attr = {"sum": "mean", "max": "min"}[node.attr]
        if isinstance(node, ast.Call) and len(node.args) > 1 and self.here():
            node.args[0], node.args[1] = node.args[1], node.args[0]
        if isinstance(node, ast.Call) and node.keywords and self.here():
            node.keywords.pop()
        if isinstance(node, ast.Assign | ast.AugAssign) and self.here():
            return ast.Pass()
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant) and self.here():
            return ast.Pass()
        return node


def by_this_book(code: str) -> Iterator[str]:
    """The code with one of the bugs that this book warns of."""
    tree, n = ast.parse(code), 0
    while True:
        planter = Planter(n)
        mutated = ast.fix_missing_locations(planter.visit(copy.deepcopy(tree)))
        if planter.left >= 0:
            return
        yield ast.unparse(mutated)
        n += 1


def without_types(code: str) -> str:
    """The code as `ast` prints it; a changed type hint or docstring is not a mutant."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.FunctionDef):
            node.returns = None
    return ast.unparse(tree)


def mutants(module: str) -> dict[str, str]:
    """Change (old line → new line): the mutated code."""
    code = (ROOT / "gdlib" / f"{module}.py").read_text("utf-8")
    original = without_types(code)
    found = {}
    for mutated in (*by_cosmic_ray(code), *by_this_book(code)):
        lines = original.splitlines(), without_types(mutated).splitlines()
        diff = [line for line in list(unified_diff(*lines, n=0))[2:] if line[0] in "+-"]
        if diff:
            change = " → ".join(
                " ".join(line[1:].strip() for line in diff if line[0] == sign) for sign in "-+"
            )
            found[change] = mutated
    return found


class Planted(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Imports one module from code other than its file's."""

    def __init__(self, module: str, code: str) -> None:
        self.name, self.code = f"gdlib.{module}", code
        self.path = str(ROOT / "gdlib" / f"{module}.py")

    def find_spec(self, name, path, target=None):
        if name == self.name:
            return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_filename(self, name):
        return self.path

    def get_data(self, path):
        return self.code.encode()


def tests_pass(module: str, code: str | None) -> bool:
    """Whether the module's tests pass with this code, in a process of their own."""
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        sys.modules["torch"] = None  # two oracles must do; the third is slow to start
        if code is not None:
            sys.meta_path.insert(0, Planted(module, code))
        files = [str(ROOT / "tests" / f"test_{name}.py") for name in MODULES[module]]
        result = 1
        with contextlib.suppress(BaseException):
            # Hypothesis is imported before pytest can rewrite its assertions, which does no harm.
            options = ["-x", "-q", "-p", "no:cacheprovider", "-W", IMPORTED_EARLY]
            options += ["--hypothesis-profile=mutants", "-k", QUICK]
            result = pytest.main([*options, *files])
        os._exit(int(result))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main(names: list[str]) -> int:
    os.environ.update(dict.fromkeys(["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"], "1"))
    os.chdir(ROOT)
    # Imported once, what every child needs is free in a fork. Never gdlib itself.
    import _pytest.assertion.rewrite  # noqa: F401
    import hypothesis.extra.numpy  # noqa: F401
    import mpmath  # noqa: F401
    import numpy  # noqa: F401
    import sympy  # noqa: F401

    listed = tomllib.loads(LISTED.read_text("utf-8")) if LISTED.exists() else {}
    planted = killed = unexplained = 0
    for module in names or MODULES:
        if not tests_pass(module, None):
            sys.exit(f"{module}: the tests fail before any bug is planted")
        began, found = time.monotonic(), mutants(module)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            survived = dict(
                zip(
                    found,
                    pool.map(lambda c, m=module: tests_pass(m, c), found.values()),
                    strict=True,
                )
            )
        survivors = [change for change, passes in survived.items() if passes]
        reasons = listed.get(module, {})
        print(
            f"{module}: {len(found) - len(survivors)} of {len(found)} killed"
            f" in {time.monotonic() - began:.0f} s"
        )
        for change in survivors:
            print(f"  {'equivalent' if change in reasons else 'SURVIVED'}: {change}")
            print(f"      {reasons.get(change, '')}")
        for change in set(reasons) - set(survivors):
            print(f"  listed, but killed or gone: {change}")
        planted += len(found)
        killed += len(found) - len(survivors)
        unexplained += len(set(survivors) - set(reasons))
    print(f"{killed} of {planted} killed: {killed / planted:.1%}; {unexplained} without a reason")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
