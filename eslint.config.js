// Lint: what types cannot say. Import rules live in .dependency-cruiser.cjs.
import tseslint from 'typescript-eslint';

const ourErrorsOnly = {
  selector: 'ThrowStatement > NewExpression[callee.name=/^(Error|TypeError|RangeError|SyntaxError)$/]',
  message: 'Throw one of the classes in src/model/errors.ts, so that it is clear who must act.',
};
const noClock = (what) => ({
  selector: what,
  message: 'A pure room reads no clock, random source or environment: take it as an argument.',
});
const PURE = [
  'src/model/**/*.ts',
  'src/packet/**/*.ts',
  'src/analysis/**/*.ts',
  'src/simulator/**/*.ts',
  'src/sequencer/patterns/**/*.ts',
  'src/sequencer/schedule.ts',
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', 'device/nic/build/', '**/*.cjs', 'src/ui/page/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] } } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A constructor that only narrows its parameters' types is not useless.
      '@typescript-eslint/no-useless-constructor': 'off',
      'no-restricted-syntax': ['error', ourErrorsOnly],
    },
  },
  {
    files: PURE,
    rules: {
      'no-restricted-syntax': [
        'error',
        ourErrorsOnly,
        noClock("MemberExpression[object.name='Date'][property.name='now']"),
        noClock("NewExpression[callee.name='Date'][arguments.length=0]"),
        noClock("MemberExpression[object.name='Math'][property.name='random']"),
        noClock("MemberExpression[object.name='performance']"),
        noClock("MemberExpression[object.name='process']"),
        noClock('CallExpression[callee.name=/^set(Timeout|Interval|Immediate)$/]'),
      ],
    },
  },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-floating-promises': 'off' } },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
