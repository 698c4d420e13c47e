//! Words into a tree, by recursive descent. From loosest to tightest: `or`, `and`, `not`, comparison, sum, product, sign.

use super::dimension::Dimension;
use super::error::{Located, Place, Problem};
use super::token::{Token, tokens};

/// Deeper nesting than this is refused, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 64;

/// A part of an expression.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) kind: Kind,
}

/// What a part of an expression is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Number(f64, Dimension),
    Metric(String),
    /// The mean over many runs.
    Mean(Box<Node>),
    Negative(Box<Node>),
    Calculation(Operator, Box<Node>, Box<Node>),
    Comparison(Relation, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
}

impl Node {
    /// What it is made of.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Number(..) | Kind::Metric(_) => Vec::new(),
            Kind::Mean(inner) | Kind::Negative(inner) | Kind::Not(inner) => vec![inner],
            Kind::Calculation(_, left, right)
            | Kind::Comparison(_, left, right)
            | Kind::And(left, right)
            | Kind::Or(left, right) => vec![left, right],
        }
    }

    /// The conditions that it joins with `and`; itself if it joins none.
    pub(super) fn conjuncts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::And(left, right) => [left.conjuncts(), right.conjuncts()].concat(),
            _ => vec![self],
        }
    }

    pub(super) fn has_means(&self) -> bool {
        matches!(self.kind, Kind::Mean(_)) || self.parts().into_iter().any(Self::has_means)
    }
}

/// The function whose value is the mean of its argument over many runs.
const MEAN: &str = "mean";

/// How two numbers make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Per,
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
    Unequal,
}

const RELATIONS: [(&str, Relation); 6] = [
    ("<", Relation::Less),
    ("<=", Relation::AtMost),
    (">", Relation::Greater),
    (">=", Relation::AtLeast),
    ("==", Relation::Equal),
    ("!=", Relation::Unequal),
];
const SUMS: [(&str, Operator); 2] = [("+", Operator::Plus), ("-", Operator::Minus)];
const PRODUCTS: [(&str, Operator); 2] = [("*", Operator::Times), ("/", Operator::Per)];

/// The tree of `text`.
pub(super) fn parse(text: &str) -> Result<Node, Located> {
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, depth: 0 };
    let root = parser.disjunction()?;
    match parser.peek() {
        (Token::End, _) => Ok(root),
        _ => Err(parser.expected("an operator or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, Place)>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &(Token, Place) {
        &self.tokens[self.next]
    }

    /// Takes the next word if it is `sign`.
    fn take(&mut self, sign: &str) -> Option<Place> {
        match self.peek() {
            (Token::Sign(found), place) if *found == sign => {
                let place = place.clone();
                self.next += 1;
                Some(place)
            }
            _ => None,
        }
    }

    /// Takes the next word if it is one of these signs.
    fn take_any<T: Copy>(&mut self, signs: &[(&str, T)]) -> Option<T> {
        signs.iter().find_map(|(sign, meaning)| self.take(sign).map(|_| *meaning))
    }

    fn expected(&self, expected: &'static str) -> Located {
        let (token, place) = self.peek();
        (place.clone(), Problem::Expected { expected, found: token.name(self.text, place) })
    }

    /// Reads a part within another one.
    fn deeper(&mut self, read: fn(&mut Self) -> Result<Node, Located>) -> Result<Node, Located> {
        if self.depth == MAX_DEPTH {
            return Err((self.peek().1.clone(), Problem::TooDeep));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn disjunction(&mut self) -> Result<Node, Located> {
        let mut left = self.conjunction()?;
        while self.take("or").is_some() {
            left = joined(left, self.conjunction()?, Kind::Or);
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Node, Located> {
        let mut left = self.negation()?;
        while self.take("and").is_some() {
            left = joined(left, self.negation()?, Kind::And);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Node, Located> {
        match self.take("not") {
            Some(place) => {
                let inner = self.deeper(Self::negation)?;
                Ok(Node { place: place.start..inner.place.end, kind: Kind::Not(Box::new(inner)) })
            }
            None => self.comparison(),
        }
    }

    fn comparison(&mut self) -> Result<Node, Located> {
        let left = self.sum()?;
        let Some(relation) = self.take_any(&RELATIONS) else { return Ok(left) };
        let node = joined(left, self.sum()?, |left, right| Kind::Comparison(relation, left, right));
        let again = self.peek().1.clone();
        match self.take_any(&RELATIONS) {
            Some(_) => Err((again, Problem::Chained)),
            None => Ok(node),
        }
    }

    fn sum(&mut self) -> Result<Node, Located> {
        let mut left = self.product()?;
        while let Some(operator) = self.take_any(&SUMS) {
            left = joined(left, self.product()?, |left, right| Kind::Calculation(operator, left, right));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Node, Located> {
        let mut left = self.signed()?;
        while let Some(operator) = self.take_any(&PRODUCTS) {
            left = joined(left, self.signed()?, |left, right| Kind::Calculation(operator, left, right));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Node, Located> {
        match self.take("-") {
            Some(place) => {
                let inner = self.deeper(Self::signed)?;
                Ok(Node { place: place.start..inner.place.end, kind: Kind::Negative(Box::new(inner)) })
            }
            None => self.atom(),
        }
    }

    fn atom(&mut self) -> Result<Node, Located> {
        if let Some(open) = self.take("(") {
            let inner = self.deeper(Self::disjunction)?;
            let close = self.take(")").ok_or_else(|| self.expected("`)`"))?;
            return Ok(Node { place: open.start..close.end, kind: inner.kind });
        }
        let (token, place) = self.peek().clone();
        let kind = match token {
            Token::Path(name) if name == MEAN && self.opens_next() => return self.mean(&place),
            Token::Path(path) => Kind::Metric(path),
            Token::Number(number) => Kind::Number(number, Dimension::Bare),
            Token::Seconds(number) => Kind::Number(number, Dimension::SECONDS),
            Token::Share(number) => Kind::Number(number, Dimension::SHARE),
            Token::Sign(_) | Token::End => return Err(self.expected("a metric or a number")),
        };
        self.next += 1;
        Ok(Node { place, kind })
    }

    /// Whether a parenthesis opens behind the next word.
    fn opens_next(&self) -> bool {
        matches!(self.tokens.get(self.next + 1), Some((Token::Sign("("), _)))
    }

    /// `mean(…)`, of which the name begins at `name`.
    fn mean(&mut self, name: &Place) -> Result<Node, Located> {
        self.next += 1;
        let inner = self.atom()?;
        let place = name.start..inner.place.end;
        Ok(Node { place, kind: Kind::Mean(Box::new(inner)) })
    }
}

fn joined(left: Node, right: Node, kind: impl Fn(Box<Node>, Box<Node>) -> Kind) -> Node {
    Node { place: left.place.start..right.place.end, kind: kind(Box::new(left), Box::new(right)) }
}
