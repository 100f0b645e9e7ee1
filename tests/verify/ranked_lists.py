"""Rankings of whole catalogues, and metrics of them, in naive code: what ranking.py and
tests/peers/ranking.py share."""
import numpy as np


def mix(a, b):
    """SplitMix64's finaliser, of one word and then of both."""
    def finalise(x):
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) % 2**64
        return x ^ (x >> 31)
    golden = 0x9E3779B97F4A7C15
    return finalise((finalise((a + golden) % 2**64) + b + golden) % 2**64)


class World:
    """Random ratings, answers with ties and gaps, users without training, relevant or test rows,
    items without a training row."""

    def __init__(self, rng, users, items, step):
        self.n_users, self.n_items = users, items
        rated = rng.random((users, items)) < rng.uniform(0.05, 0.6, (users, 1))
        ratings = rng.integers(1, 6, (users, items)).astype(np.float32)
        test = rated & (rng.random((users, items)) < 0.4)
        test[:, items - 1] = rated[:, items - 1]  # cold
        test[0] = rated[0]
        ratings[1] = np.minimum(ratings[1], 3)  # nothing relevant
        test[2] = False
        self.train = [(u, i, ratings[u, i]) for u, i in np.argwhere(rated & ~test)]
        self.test = [(u, i, ratings[u, i]) for u, i in rng.permutation(np.argwhere(test))]
        answers = rng.normal(3, 1, (users, items))
        if step:
            answers = np.round(answers / step) * step
        self.answers = answers.astype(np.float32)
        self.answers[rng.random((users, items)) < 0.1] = np.nan
        self.answers[3] = np.nan
        self.answers[4] = 3
        self.user_tie = [int(x) for x in rng.integers(0, 2**63, users)]
        self.item_tie = [int(x) for x in rng.integers(0, 2**63, items)]

    def numbers(self):
        lines = ["%d %d %.9g" % row for row in self.train + self.test]
        lines += map(str, self.user_tie + self.item_tie)
        lines += ["%.9g" % x for x in self.answers.ravel()]
        return "\n".join(lines) + "\n"

    def filled(self):
        """Open answers by mu + b_u + b_i."""
        item, user = np.zeros(self.n_items, np.float32), np.zeros(self.n_users, np.float32)
        mean = sum(float(r) for _, _, r in self.train) / len(self.train)
        for i in range(self.n_items):
            of = [float(r) - mean for _, j, r in self.train if j == i]
            item[i] = sum(of) / (len(of) + 5)
        for u in range(self.n_users):
            of = [float(r) - mean - float(item[i]) for v, i, r in self.train if v == u]
            user[u] = sum(of) / (len(of) + 5)
        own = (mean + user[:, None].astype(np.float64) + item[None, :]).astype(np.float32)
        return np.where(np.isnan(self.answers), own, self.answers)

    def lists(self):
        """Each user's candidates, the best first."""
        filled, seen = self.filled(), [set() for _ in range(self.n_users)]
        for u, i, _ in self.train:
            seen[u].add(i)
        return [sorted((i for i in range(self.n_items) if i not in seen[u]),
                       key=lambda i, u=u: (-filled[u, i], mix(self.user_tie[u], self.item_tie[i])))
                for u in range(self.n_users)]


def relevant_of(world, threshold):
    """{user: set of items}, of users who have any; and how many with test rows have none."""
    out = {}
    for u, i, r in world.test:
        if r >= threshold:
            out.setdefault(u, set()).add(i)
    return out, len({u for u, _, _ in world.test}) - len(out)


def naive(ranked, relevant, k):
    """The five metrics of one user."""
    gain = np.array([item in relevant for item in ranked], float)
    place = np.arange(1, len(ranked) + 1)
    discount = 1 / np.log2(place + 1)
    most = min(k, len(relevant))
    precision = np.cumsum(gain) / place
    return {
        "ndcg": (gain * discount)[:k].sum() / discount[:most].sum(),
        "recall": gain[:k].sum() / len(relevant),
        "precision": gain[:k].sum() / k,
        "mrr": 1 / (1 + int(np.argmax(gain))),
        "map": (gain * precision)[:k].sum() / most,
    }
